# SPDX-License-Identifier: Apache-2.0
"""An application of Django's, with Channels."""

import django
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path

settings.configure(
    DEBUG=False, SECRET_KEY="secret", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"], INSTALLED_APPS=["channels"],
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
)
django.setup()

from django.core.asgi import get_asgi_application  # noqa: E402


def home(request):
    return HttpResponse("django " + request.get_full_path())


async def echo(request):
    return JsonResponse({"size": len(request.body), "method": request.method})


async def stream(request):
    async def pieces():
        for number in range(3):
            yield f"{number},"

    return StreamingHttpResponse(pieces())


def bug(request):
    raise ValueError("a bug")


urlpatterns = [path("", home), path("echo", echo), path("stream", stream), path("bug", bug)]


class Room(AsyncJsonWebsocketConsumer):
    async def connect(self):
        await self.channel_layer.group_add("room", self.channel_name)
        await self.accept()

    async def disconnect(self, code):
        await self.channel_layer.group_discard("room", self.channel_name)

    async def receive_json(self, content):
        await self.channel_layer.group_send("room", {"type": "said", "content": content})

    async def said(self, event):
        await self.send_json(event["content"])


app = ProtocolTypeRouter({"http": get_asgi_application(), "websocket": URLRouter([path("room", Room.as_asgi())])})
