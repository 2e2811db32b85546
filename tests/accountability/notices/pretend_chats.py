"""Three services of group chats, written from what they publish about their robots: what each demands, and how it says
no. None of them shares a line with what is tested.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from tests.factories import Now

KEY, SECRET = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa", "SECf00d"
AN_HOUR = timedelta(hours=1).total_seconds()


class Chat:
    """What the three have in common: the place of a robot, and whom it has mentioned."""

    place: ClassVar[str]

    def __init__(self, now: Now) -> None:
        self.now = now
        self.mentioned: list[str] = []

    def __call__(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What it answers."""
        return {}


class WeCom(Chat):
    """企业微信: the key in the address, a text of at most 2048 bytes, mentions by number."""

    place = f"/cgi-bin/webhook/send?key={KEY}"

    def __call__(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path != self.place:
            return {"errcode": 93000, "errmsg": "invalid webhook url"}
        if body.get("msgtype") != "text" or not isinstance(body.get("text", {}).get("content"), str):
            return {"errcode": 40008, "errmsg": "invalid message type"}
        if len(body["text"]["content"].encode()) > 2048:
            return {"errcode": 40058, "errmsg": "content exceed max length"}
        self.mentioned += body["text"].get("mentioned_mobile_list", [])
        return {"errcode": 0, "errmsg": "ok"}


class DingTalk(Chat):
    """钉钉, with 加签: the base64 of HmacSHA256 over `timestamp\\nsecret` under the secret, in the address. The instant
    is in milliseconds.
    """

    place = f"/robot/send?access_token={KEY}"

    def __call__(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        given = {name: values[-1] for name, values in parse_qs(urlsplit(path).query).items()}
        if not path.startswith("/robot/send") or given.get("access_token") != KEY:
            return {"errcode": 300005, "errmsg": "token is not exist"}
        moment = given.get("timestamp", "0")
        mac = hmac.new(SECRET.encode(), f"{moment}\n{SECRET}".encode(), digestmod=hashlib.sha256)
        if given.get("sign") != base64.b64encode(mac.digest()).decode():
            return {"errcode": 310000, "errmsg": "sign not match"}
        if abs(self.now.at.timestamp() - int(moment) / 1000) > AN_HOUR:
            return {"errcode": 310000, "errmsg": "invalid timestamp"}
        if body.get("msgtype") != "text" or not body.get("text", {}).get("content"):
            return {"errcode": 40035, "errmsg": "param error"}
        self.mentioned += body.get("at", {}).get("atMobiles", [])
        return {"errcode": 0, "errmsg": "ok"}


class Feishu(Chat):
    """飞书, with 签名校验: the base64 of HmacSHA256 over nothing under `timestamp\\nsecret`, in the body; seconds."""

    place = f"/open-apis/bot/v2/hook/{KEY}"

    def __call__(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path != self.place:
            return {"code": 19001, "msg": "param invalid: incoming webhook access token invalid", "data": {}}
        moment = str(body.get("timestamp", "0"))
        mac = hmac.new(f"{moment}\n{SECRET}".encode(), digestmod=hashlib.sha256)
        is_old = abs(self.now.at.timestamp() - int(moment)) > AN_HOUR
        if is_old or body.get("sign") != base64.b64encode(mac.digest()).decode("utf-8"):
            return {"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"}
        if body.get("msg_type") != "text" or not body.get("content", {}).get("text"):
            return {"code": 9499, "msg": "Bad Request", "data": {}}
        return {"code": 0, "msg": "success", "data": {}, "StatusCode": 0, "StatusMessage": "success"}


CHATS: dict[str, type[Chat]] = {"wecom": WeCom, "dingtalk": DingTalk, "feishu": Feishu}
