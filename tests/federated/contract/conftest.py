from tests.federated.contract.parsed_project import indicator, manifest

__all__ = ["indicator", "manifest"]
