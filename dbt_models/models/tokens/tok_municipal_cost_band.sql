{{ municipal_cost_bands(1, pathway_days() | int) }}
