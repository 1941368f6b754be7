from tests.federated.contract.parsed_project import manifest

__all__ = ["manifest"]
