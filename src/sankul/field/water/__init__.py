"""Water-quality monitoring: parameters, limits, samples, indices, advisories."""
