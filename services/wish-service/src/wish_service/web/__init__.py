"""HTTP: JSON under /api, pages elsewhere. The only place that knows status codes."""
