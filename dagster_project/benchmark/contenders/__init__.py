"""The named transforms written by hand, for comparison: DuckDB SQL, Polars and pandas.

Each is what somebody fluent in the tool would write: the result that our models give, from the same
Parquet files, without dbt. None is used for anything but the benchmark.
"""
