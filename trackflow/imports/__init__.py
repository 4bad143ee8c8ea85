"""Links from files and lists: read, previewed and created in the background."""
