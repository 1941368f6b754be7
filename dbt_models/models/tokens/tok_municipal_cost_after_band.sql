{{ municipal_cost_bands(-(pathway_days() | int), -1) }}
