"""Tools for whoever works on TrackFlow. Nothing of the app imports this package."""
