"""`sloyfe bench indicators`: what the indicators cost, as ratios inside one run."""
