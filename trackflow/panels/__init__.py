"""What forms in Desk show beside their fields: figures that are read when somebody looks at them."""
