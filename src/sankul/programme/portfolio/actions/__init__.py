"""Every write of the area: problems, projects and what hangs on them, deployments, lessons."""
