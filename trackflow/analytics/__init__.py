"""What is read from the tables: figures for reports, forms and programs. Nothing in here writes.

Who may see a figure is decided before it is asked for: by ``access``, or by the document that it is about.
"""
