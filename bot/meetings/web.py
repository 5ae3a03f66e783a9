"""The private calendars' page of the web part."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.meetings.errors import MeetingsError
from bot.meetings.listing import Listing

PATH = "/kalender/{token}.ics"
_HEADERS = {"Cache-Control": "private, max-age=300", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


def calendar_route(listing: Listing) -> Route:
    """`GET /kalender/<token>.ics`: 404 where the link does not hold, 304 where nothing changed."""

    async def serve(request: Request) -> Response:
        try:
            found = await listing.feed(request.path_params["token"])
        except MeetingsError:
            return Response("Diesen Kalender gibt es nicht (mehr).\n", 404, media_type="text/plain; charset=utf-8")
        headers = {**_HEADERS, "ETag": found.etag}
        known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
        if found.etag in known or "*" in known:
            return Response(status_code=304, headers=headers)
        return Response(found.body, media_type="text/calendar; charset=utf-8", headers=headers)

    return Route(PATH, serve, methods=["GET", "HEAD"])
