"""Links made from templates with typed variables."""
