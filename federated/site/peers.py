"""Who this site's agent is to the others, and who they are to it."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from federated.site.config import SITE_FILE, SiteConfig
from privacy.problem import Problem
from privacy.signatures import load_public_key, load_signing_key


def identity_of(site: SiteConfig) -> Ed25519PrivateKey | None:
    """The agent's own key, if it has one. Raises Problem."""
    key = site.keys.identity
    return None if key is None else load_signing_key(site.path(key))


def peers_of(site: SiteConfig) -> dict[str, Ed25519PublicKey]:
    """The other agents' keys, by site. Raises Problem: two sites with one key would count twice."""
    keys: dict[str, Ed25519PublicKey] = {}
    owners: dict[bytes, str] = {}
    for name, file in site.peers.items():
        key = load_public_key(site.path(file))
        before = owners.setdefault(key.public_bytes_raw(), name)
        if before != name:
            raise Problem(
                f"`{before}` and `{name}` have the same key",
                f"{site.folder / SITE_FILE}: peers",
                "Give each peer the key of its own agent.",
            )
        keys[name] = key
    return keys
