"""A whole helsefellesskap on one machine: its folders, its data, one run of everything."""
