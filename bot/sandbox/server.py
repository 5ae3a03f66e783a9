"""`lotse sandbox`: the stand-in alone, until somebody stops it."""

from bot.sandbox.app import create_server
from bot.sandbox.world import World


def run_sandbox(port: int) -> None:
    """Serve an empty world with one person on 127.0.0.1 until interrupted.

    Args:
        port: The TCP port.
    """
    world = World()
    world.add_person("Anna", last_name="Beispiel", about="Wirtschaftsförderung, Schmalkalden")
    print(f"Sandbox: http://127.0.0.1:{port}  ·  Token: {world.token}", flush=True)  # noqa: T201 - for the person
    create_server(world, port).run()
