"""The site: the course as pages that any static host can serve, in `build/site`."""
