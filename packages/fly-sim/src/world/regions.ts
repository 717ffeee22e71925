export interface Region {
  readonly code: string
  readonly name: string
  readonly latitude: number
  readonly longitude: number
  readonly gatewayAvailable: boolean
  readonly requiresPaidPlan: boolean
  readonly deprecated: boolean
}

const region = (code: string, name: string, latitude: number, longitude: number): Region => ({
  code,
  name,
  latitude,
  longitude,
  gatewayAvailable: true,
  requiresPaidPlan: false,
  deprecated: false,
})

/** The nearest comes first. */
export const regions: readonly Region[] = [
  region('iad', 'Ashburn, Virginia (US)', 39.02, -77.46),
  region('ord', 'Chicago, Illinois (US)', 41.98, -87.91),
  region('sjc', 'San Jose, California (US)', 37.36, -121.93),
  region('yyz', 'Toronto, Canada', 43.68, -79.63),
  region('lhr', 'London, United Kingdom', 51.47, -0.45),
  region('ams', 'Amsterdam, Netherlands', 52.37, 4.9),
  region('fra', 'Frankfurt, Germany', 50.11, 8.68),
  region('cdg', 'Paris, France', 49.01, 2.55),
  region('nrt', 'Tokyo, Japan', 35.77, 140.39),
  region('sin', 'Singapore', 1.35, 103.99),
  region('syd', 'Sydney, Australia', -33.95, 151.18),
  region('gru', 'Sao Paulo, Brazil', -23.43, -46.47),
]
