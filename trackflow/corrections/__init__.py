"""The past put right: clicks judged again, and counters and totals compared with the clicks."""
