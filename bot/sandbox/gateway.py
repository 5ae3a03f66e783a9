"""The Bot API over HTTP: reads a call, checks it, carries it out, answers as Telegram answers."""

import json
import re
import socket
import struct
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bot.sandbox import schema
from bot.sandbox.chats import JSON
from bot.sandbox.errors import ApiError, bad_request, too_many_requests
from bot.sandbox.faults import Fault
from bot.sandbox.methods import Call, run
from bot.sandbox.methods.polls import close_due
from bot.sandbox.schema import Upload
from bot.sandbox.world import World

TOKEN = re.compile(r"\d+:[\w-]{20,}")
SCHEMA = schema.load()
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_BODY_LIMIT = 60 * 1024 * 1024
_SERVER_ERROR = (
    "<html>\r\n<head><title>500 Internal Server Error</title></head>\r\n"
    "<body>\r\n<center><h1>500 Internal Server Error</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>"
)


class Gateway:
    """Answers `/bot<token>/<method>`; an ASGI application of its own so that a fault can break the connection."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            return
        if response is None:
            await _break_connection(receive)
        else:
            await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response | None:
        """Return the answer; None to break the connection."""
        try:
            method = self._method(request)
            parameters, uploads = await read_parameters(request)
            return await self._call(method, parameters, uploads)
        except ApiError as error:
            return answer(error.code, error.as_json())
        except UnicodeEncodeError:
            return answer(400, bad_request("strings must be encoded in UTF-8").as_json())

    def _method(self, request: Request) -> str:
        if not TOKEN.fullmatch(request.path_params["token"]):
            raise ApiError(401 if ":" in request.path_params["token"] else 404, _token_refusal(request))
        method = SCHEMA.method_name(request.path_params["method"])
        if method is None:
            raise ApiError(404, "Not Found")
        if self._world.clock.time() < self._world.profile.logged_out_until:
            raise bad_request("Logged out")
        return method

    async def _call(self, method: str, parameters: JSON, uploads: dict[str, Upload]) -> Response | None:
        world = self._world
        if world.limits.latency and method != "getUpdates":
            await world.changes.pause(world.limits.latency)
        chat_id = _number(parameters.get("chat_id"))
        fault = world.faults.take(method, chat_id)
        if fault and fault.kind in ("http_500", "reset_before", "too_many_requests"):
            return self._strike(fault, method, chat_id)
        world.calls_in_flight += method != "getUpdates"
        try:
            code, body = await self._carry_out(method, parameters, uploads, chat_id, fault)
            if fault and fault.kind == "slow":
                await world.changes.pause(fault.seconds)
        finally:
            world.calls_in_flight -= method != "getUpdates"
            world.last_call = world.changes.time()
        return self._spoil(fault, answer(code, body))

    async def _carry_out(
        self, method: str, parameters: JSON, uploads: dict[str, Upload], chat_id: int | None, fault: Fault | None
    ) -> tuple[int, JSON]:
        world = self._world
        result: Any = None
        try:
            given = SCHEMA.check(method, parameters)
            if method == "getUpdates":
                close_due(world)
                return 200, {"ok": True, "result": await world.updates.poll(given)}
            result = run(world, Call(method, given, uploads))
            code, body = 200, {"ok": True, "result": result}
        except ApiError as error:
            code, body = error.code, error.as_json()
        self._note(method, chat_id, code, result, fault)
        return code, body

    def _strike(self, fault: Fault, method: str, chat_id: int | None) -> Response | None:
        """Answer a call that is not accepted."""
        seconds = max(int(fault.seconds), 1)
        code = {"http_500": 500, "too_many_requests": 429}.get(fault.kind, 0)
        self._note(method, chat_id, code, None, fault)
        match fault.kind:
            case "http_500":
                return Response(_SERVER_ERROR, 500, media_type="text/html")
            case "too_many_requests":
                return answer(429, too_many_requests(seconds).as_json())
        return None

    def _spoil(self, fault: Fault | None, response: Response) -> Response | None:
        """Spoil the answer to a call that was accepted."""
        match fault.kind if fault else None:
            case "reset_after":
                return None
            case "malformed":
                cut = bytes(response.body)[: max(len(response.body) * 2 // 3, 1)]
                return Response(cut, response.status_code, media_type="application/json")
        return response

    def _note(self, method: str, chat_id: int | None, code: int, result: Any, fault: Fault | None) -> None:
        if method == "getUpdates":
            return
        record = self._world.record
        entry: JSON = {
            "n": len(record) + 1,
            "at": self._world.clock.time(),
            "method": method,
            "chat_id": chat_id,
            "status": code,
        }
        if isinstance(result, dict) and "message_id" in result:
            entry["message_id"] = result["message_id"]
        if fault:
            entry["fault"] = fault.kind
        record.append(entry)


def answer(code: int, body: JSON) -> Response:
    """Return a JSON answer of the Bot API."""
    headers = {}
    if "parameters" in body and "retry_after" in body["parameters"]:
        headers["Retry-After"] = str(body["parameters"]["retry_after"])
    return Response(_encode(body).encode(), code, headers, media_type="application/json")


async def read_parameters(request: Request) -> tuple[JSON, dict[str, Upload]]:
    """Return the parameters of a call and its files, from the query, a form, multipart or JSON.

    Raises:
        ApiError: The body is too big or cannot be read.
    """
    parameters: JSON = dict(parse_qsl(request.url.query, keep_blank_values=True)) if request.url.query else {}
    if int(request.headers.get("content-length") or 0) > _BODY_LIMIT:
        raise ApiError(413, "Request Entity Too Large")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _read_multipart(request, parameters)
    body = await request.body()
    if not body:
        return parameters, {}
    if kind == "application/json":
        parameters |= _read_json(body)
    elif kind in ("application/x-www-form-urlencoded", ""):
        try:
            parameters |= parse_qsl(body.decode(), keep_blank_values=True)
        except UnicodeDecodeError:
            raise bad_request("strings must be encoded in UTF-8") from None
    return parameters, {}


def _read_json(body: bytes) -> JSON:
    try:
        content = json.loads(body)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise bad_request("can't parse request body as a JSON object")
    return content


async def _read_multipart(request: Request, parameters: JSON) -> tuple[JSON, dict[str, Upload]]:
    uploads = {}
    async with request.form(max_part_size=_BODY_LIMIT) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                uploads[name] = Upload(value.filename or "file", await value.read(), value.content_type)
                parameters[name] = uploads[name]
            else:
                parameters[name] = value
    return parameters, uploads


async def _break_connection(receive: Receive) -> None:
    """Reset the TCP connection, then wait until the server has noticed."""
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionResetError("a scripted fault broke the connection")
    raw = transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass


def _token_refusal(request: Request) -> str:
    return "Unauthorized" if ":" in request.path_params["token"] else "Not Found"


def _number(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
