// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.
//
// A connection of the load generator: opening it, sending its script as far as it may, closing it.
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "handshake.h"
#include "held.h"
#include "script.h"
#include "tls.h"

enum stage { UNUSED, CONNECTING, SECURING, UPGRADING, OPEN, CLOSING, CLOSED };

struct connection {
    int fd, number;
    enum stage stage;
    uint32_t interest; // the events that epoll was asked for
    const struct script *script;
    uint64_t allowed, sent; // bytes of the script, which begins again whenever it ends
    uint64_t replies;       // whole ones
    uint64_t left, offset;  // of the frame that is coming in, of the reply that it belongs to
    bool last_frame, within_reply;
    struct held input;
    char accept[ACCEPT_LENGTH];
    struct ssl_st *tls; // NULL without TLS
};

static struct options options;
static int epoll;
static int opening; // how many connections are on their way to OPEN

static void on_open(struct connection *); // what the mode makes of it, in load.c

static inline void wait_for(struct connection *c, uint32_t events) {
    if (c->interest == events) return;
    struct epoll_event event = {.events = events, .data.ptr = c};
    epoll_ctl(epoll, c->interest ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, c->fd, &event);
    c->interest = events;
}

static inline ssize_t put(struct connection *c, const void *p, size_t length) {
    return c->tls ? tls_send(c->tls, p, length) : send(c->fd, p, length, MSG_NOSIGNAL);
}

// Small things that the socket always takes at once: nothing else is on its way when they are sent.
static inline void send_whole(struct connection *c, const void *p, size_t length) {
    if (put(c, p, length) != (ssize_t)length)
        fail("Connection %d did not take %zu bytes: %s.", c->number, length, strerror(errno));
}

static inline void send_allowed(struct connection *c) {
    const struct script *script = c->script;
    while (c->sent < c->allowed) {
        size_t wanted = (size_t)(c->allowed - c->sent);
        const uint8_t *from = script->wire + c->sent % (script->messages * script->unit);
        ssize_t count = put(c, from, wanted);
        if (count < 0 && errno != EAGAIN) fail("Connection %d could not send: %s.", c->number, strerror(errno));
        if (count > 0) c->sent += (uint64_t)count;
        if (count < (ssize_t)wanted) {
            wait_for(c, EPOLLIN | EPOLLOUT);
            return;
        }
    }
    wait_for(c, EPOLLIN);
}

static inline void send_control(struct connection *c, uint8_t opcode, const uint8_t *payload, size_t length) {
    uint8_t frame[LONGEST_HEADER + LONGEST_CONTROL_PAYLOAD];
    send_whole(c, frame, write_frame(frame, FIN | opcode, payload, length));
}

static inline void send_upgrade(struct connection *c) {
    static const char offer[] = "Sec-WebSocket-Extensions: permessage-deflate; "
                                "client_no_context_takeover; server_no_context_takeover\r\n";
    uint32_t nonce[4] = {next_random(), next_random(), next_random(), next_random()};
    char text[NONCE_LENGTH], request[2048];
    base64((const uint8_t *)nonce, sizeof nonce, text);
    accept_key(text, c->accept);
    int length = snprintf(request, sizeof request,
                          "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Key: %.*s\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
                          options.path, options.port, NONCE_LENGTH, text, options.deflate ? offer : "");
    send_whole(c, request, (size_t)length);
}

static inline void begin_protocol(struct connection *c) {
    c->stage = options.mode == HTTP ? OPEN : UPGRADING;
    if (c->stage == OPEN) on_open(c);
    else send_upgrade(c);
}

static inline void go_on_securing(struct connection *c) {
    if (tls_shake_hands(c->tls)) begin_protocol(c);
}

static inline void on_connected(struct connection *c) {
    int error = 0;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof error});
    if (error) fail("Connection %d to port %d failed: %s.", c->number, options.port, strerror(error));
    wait_for(c, EPOLLIN);
    if (!options.tls) {
        begin_protocol(c);
        return;
    }
    c->stage = SECURING;
    c->tls = tls_begin(c->fd);
    go_on_securing(c);
}

static inline void open_connection(struct connection *c) {
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) fail("There is no socket for connection %d: %s.", c->number, strerror(errno));
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    c->stage = CONNECTING;
    c->interest = 0;
    opening++;
    if (connect(c->fd, (struct sockaddr *)&server, sizeof server) == 0) on_connected(c);
    else if (errno == EINPROGRESS) wait_for(c, EPOLLOUT);
    else fail("Connection %d to port %d failed: %s.", c->number, options.port, strerror(errno));
}

// RFC 6455 §5.5.1: a close frame with code 1000. The server answers it and closes first (§7.1.1).
static inline void begin_close(struct connection *c) {
    c->stage = CLOSING;
    send_control(c, CLOSE, (const uint8_t[]){1000 >> 8, 1000 & 0xff}, 2);
}
