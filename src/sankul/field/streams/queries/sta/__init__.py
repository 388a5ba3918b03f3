"""Reading for the SensorThings API: what a request asks, compiled to queries whose number does not grow with the rows."""
