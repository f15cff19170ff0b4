// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.
//
// The limit: the least that an echo server can do on Linux, which other servers are compared with. One thread on epoll;
// for each wake-up one recv and one send; frames are unmasked where they lie, and sent from there; no allocation for a
// message. It is a yardstick and no server: it trusts its client, checks neither UTF-8 nor sizes, and listens on
// loopback only.
//
//   limit -p PORT [-z LEVEL]
//
//   /             echoes; what is there of a long payload goes back before the rest has come
//   /broadcast    sends each message to all connections of this path
//   -z LEVEL      accepts permessage-deflate without context takeover, and compresses with that level of zlib
//   a GET without an upgrade is answered with `Hello, World!`
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "fail.h"
#include "frames.h"
#include "handshake.h"
#include "held.h"

#define BUFFER_SIZE (256 * 1024)
#define HELLO "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, World!"

struct connection {
    int fd;
    bool upgraded, broadcast;
    bool blocked; // waits until the socket takes more, and reads nothing meanwhile
    bool ending;  // an error, or a close frame that was answered
    uint32_t key; // of a frame that is passed on in parts, turned to the next byte
    uint64_t left; // how much of that frame is to come
    struct held input, output;
    size_t output_sent;
    size_t member; // its place among the members of /broadcast
};

static int epoll;
static bool offers_deflate;
static z_stream inflater, deflater; // one for all: no message depends on another
static uint8_t buffer[BUFFER_SIZE];
static struct connection **members;
static size_t member_count, member_capacity;

// MARK: Output

static void wait_for(struct connection *c, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = c};
    epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event);
    c->blocked = events & EPOLLOUT;
}

static void put(struct connection *c, const uint8_t *p, size_t length) {
    if (!length) return;
    ssize_t sent = 0;
    if (!c->blocked) {
        sent = send(c->fd, p, length, MSG_NOSIGNAL);
        if (sent == (ssize_t)length) return;
        if (sent < 0 && errno != EAGAIN) {
            c->ending = true;
            return;
        }
        if (sent < 0) sent = 0;
        wait_for(c, EPOLLOUT);
    }
    hold(&c->output, p + sent, length - (size_t)sent);
}

static void put_held(struct connection *c) {
    ssize_t sent = send(c->fd, c->output.bytes + c->output_sent, c->output.length - c->output_sent, MSG_NOSIGNAL);
    if (sent < 0) {
        c->ending = errno != EAGAIN;
        return;
    }
    c->output_sent += (size_t)sent;
    if (c->output_sent < c->output.length) return;
    forget(&c->output);
    c->output_sent = 0;
    wait_for(c, EPOLLIN);
}

static void put_to_all(const uint8_t *p, size_t length) {
    for (size_t i = 0; i < member_count; i++) put(members[i], p, length);
}

// MARK: /broadcast

static void join(struct connection *c) {
    if (member_count == member_capacity) {
        member_capacity = member_capacity ? member_capacity * 2 : 1024;
        members = realloc(members, member_capacity * sizeof *members);
        if (!members) fail("There is no memory for %zu members.", member_capacity);
    }
    c->broadcast = true;
    c->member = member_count;
    members[member_count++] = c;
}

static void leave(struct connection *c) {
    struct connection *last = members[--member_count];
    last->member = c->member;
    members[c->member] = last;
}

// MARK: Frames

// Inflates a payload, deflates it again, and sends that.
static void put_compressed(struct connection *c, const struct frame *frame, uint8_t *payload) {
    static uint8_t plain[4 * BUFFER_SIZE], packed[2 * BUFFER_SIZE];
    static const uint8_t tail[4] = {0, 0, 0xff, 0xff}; // RFC 7692 §7.2.2
    uint8_t following[sizeof tail]; // the next frame may begin where the tail has to stand
    size_t length = (size_t)frame->length;
    mask(payload, payload, length, frame->key);
    memcpy(following, payload + length, sizeof tail);
    memcpy(payload + length, tail, sizeof tail);
    inflater.next_in = payload, inflater.avail_in = (uInt)(length + sizeof tail);
    inflater.next_out = plain, inflater.avail_out = sizeof plain;
    inflateReset(&inflater);
    inflate(&inflater, Z_SYNC_FLUSH);
    memcpy(payload + length, following, sizeof tail);

    uint8_t *body = packed + LONGEST_HEADER;
    deflater.next_in = plain, deflater.avail_in = (uInt)(sizeof plain - inflater.avail_out);
    deflater.next_out = body, deflater.avail_out = sizeof packed - LONGEST_HEADER;
    deflateReset(&deflater);
    deflate(&deflater, Z_SYNC_FLUSH);
    size_t packed_length = (size_t)(deflater.next_out - body) - sizeof tail;
    uint8_t header[LONGEST_HEADER];
    size_t header_length = write_header(header, frame->first, packed_length, 0);
    memcpy(body - header_length, header, header_length);
    put(c, body - header_length, header_length + packed_length);
}

// Answers the frames that are here, and returns how many bytes are done with. An answer lacks the masking key and so is
// shorter than its frame: it is written over it, and those of one wake-up close up behind the first.
static size_t answer_frames(struct connection *c, uint8_t *start, size_t length) {
    uint8_t *p = start, *end = start + length, *answers = NULL, *to = NULL;
    while (p < end && !c->ending) {
        if (c->left) {
            size_t here = (uint64_t)(end - p) < c->left ? (size_t)(end - p) : (size_t)c->left;
            if (!to) answers = to = p;
            c->key = mask(to, p, here, c->key);
            to += here, p += here, c->left -= here;
            continue;
        }
        struct frame frame;
        if (!read_header(&frame, p, (size_t)(end - p))) break;
        uint8_t *payload = p + frame.header;
        uint64_t here = (uint64_t)(end - payload);
        bool whole = here >= frame.length;
        if (!whole && (frame.opcode >= CLOSE || frame.compressed || c->broadcast)) break;
        if (whole) here = frame.length;
        p = payload + here;
        if (frame.opcode == PONG) continue;
        if (frame.compressed) {
            if (to) put(c, answers, (size_t)(to - answers));
            answers = to = NULL;
            put_compressed(c, &frame, payload);
            continue;
        }
        if (!to) answers = to = payload - (frame.header - KEY_LENGTH);
        to += write_header(to, frame.opcode == PING ? FIN | PONG : frame.first, frame.length, 0);
        uint32_t key = mask(to, payload, (size_t)here, frame.key);
        to += here;
        if (!whole) c->key = key, c->left = frame.length - here;
        if (c->broadcast && frame.opcode < CLOSE) {
            put_to_all(answers, (size_t)(to - answers));
            answers = to = NULL;
        }
        if (frame.opcode == CLOSE) {
            put(c, answers, (size_t)(to - answers));
            answers = to = NULL;
            c->ending = true;
        }
    }
    if (to) put(c, answers, (size_t)(to - answers));
    return (size_t)(p - start);
}

// MARK: HTTP

static void upgrade(struct connection *c, const char *head, const char *end, const char *nonce) {
    char accept[ACCEPT_LENGTH], response[512];
    accept_key(nonce, accept);
    c->upgraded = true;
    bool deflate = offers_deflate && field_has(head, end, "Sec-WebSocket-Extensions", "permessage-deflate");
    if (!strncmp(head, "GET /broadcast", 14)) join(c);
    const char *extension = "Sec-WebSocket-Extensions: permessage-deflate; "
                            "server_no_context_takeover; client_no_context_takeover\r\n";
    int length = snprintf(response, sizeof response,
                          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Accept: %.*s\r\n%s\r\n",
                          ACCEPT_LENGTH, accept, deflate ? extension : "");
    put(c, (const uint8_t *)response, (size_t)length);
}

// Answers the requests that are here, up to an upgrade, and returns how many bytes are done with.
static size_t answer_requests(struct connection *c, const char *start, size_t length) {
    static char answers[64 * 1024];
    size_t used = 0, filled = 0;
    const char *empty_line;
    while (!c->upgraded && (empty_line = memmem(start + used, length - used, "\r\n\r\n", 4))) {
        const char *head = start + used, *end = empty_line + 4;
        const char *nonce = find_field(head, end, "Sec-WebSocket-Key");
        if (filled && (nonce || filled + sizeof HELLO > sizeof answers)) {
            put(c, (const uint8_t *)answers, filled);
            filled = 0;
        }
        if (nonce) {
            upgrade(c, head, end, nonce);
        } else {
            memcpy(answers + filled, HELLO, sizeof HELLO - 1);
            filled += sizeof HELLO - 1;
        }
        used = (size_t)(end - start);
    }
    put(c, (const uint8_t *)answers, filled);
    return used;
}

// MARK: Events

static void read_once(struct connection *c) {
    size_t held = c->input.length;
    // Four bytes stay free for the tail of a compressed message.
    ssize_t count = recv(c->fd, buffer + held, sizeof buffer - 4 - held, 0);
    if (count <= 0) {
        c->ending = count == 0 || errno != EAGAIN;
        return;
    }
    size_t length = held + (size_t)count, used = 0;
    if (held) memcpy(buffer, c->input.bytes, held);
    c->input.length = 0;
    if (!c->upgraded) used = answer_requests(c, (const char *)buffer, length);
    if (c->upgraded) used += answer_frames(c, buffer + used, length - used);
    if (used < length) hold(&c->input, buffer + used, length - used);
}

static void accept_all(int listener) {
    for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        struct connection *c = allocate(1, sizeof *c);
        c->fd = fd;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    }
}

static void drop(struct connection *c) {
    if (c->broadcast) leave(c);
    close(c->fd);
    forget(&c->input);
    forget(&c->output);
    free(c);
}

static int listen_on(uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096))
        fail("It is not possible to listen on port %d of 127.0.0.1: %s.", port, strerror(errno));
    return listener;
}

int main(int count, char **arguments) {
    int port = 0, option;
    while ((option = getopt(count, arguments, "p:z:")) != -1) {
        if (option == 'p') port = atoi(optarg);
        else if (option == 'z') offers_deflate = deflateInit2(&deflater, atoi(optarg), Z_DEFLATED, -15, 8, 0) == Z_OK;
        else port = -1;
    }
    if (port < 1 || port > 65535) fail("usage: limit -p PORT [-z LEVEL]");
    inflateInit2(&inflater, -15);
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);

    int listener = listen_on((uint16_t)port);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event events[1024] = {{.events = EPOLLIN, .data.ptr = NULL}}; // the listener's has no connection
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &events[0]);
    for (;;) {
        int ready = epoll_wait(epoll, events, 1024, -1);
        for (int i = 0; i < ready; i++) {
            struct connection *c = events[i].data.ptr;
            if (!c) {
                accept_all(listener);
                continue;
            }
            if (c->blocked) put_held(c);
            else read_once(c);
            if (c->ending) drop(c);
        }
    }
}
