"""The Reports page: review reports of a project, looked at and exported."""
