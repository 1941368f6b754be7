"""Refuses: at a site the relay answers, and nothing that was shipped is run."""

from flwr.app import Context, Message
from flwr.clientapp import ClientApp

app = ClientApp()


@app.query("sloyfe")
def refuse(_message: Message, _context: Context) -> Message:
    raise RuntimeError("this site runs a ClientApp where its relay should be")
