"""Attribution on a site: models and their parameters, what deals earned under them, and credit anew where they change."""
