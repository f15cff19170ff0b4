// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.
//
// TLS for the load generator: calls like those of a socket. Built in with -DWITH_TLS -lssl -lcrypto. All servers get
// the same cipher, so that none has less to do because it prefers another one.
#pragma once

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "fail.h"

#ifdef WITH_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>

static inline SSL *tls_begin(int fd) {
    static SSL_CTX *context;
    if (!context) {
        context = SSL_CTX_new(TLS_client_method());
        if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) ||
            !SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256"))
            fail("OpenSSL has no TLS 1.3.");
        SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    }
    SSL *tls = SSL_new(context);
    if (!tls || !SSL_set_fd(tls, fd)) fail("OpenSSL has no memory for a connection.");
    SSL_set_connect_state(tls);
    return tls;
}

// What send and recv would return.
static inline ssize_t tls_result(SSL *tls, int result) {
    if (result > 0) return result;
    int error = SSL_get_error(tls, result);
    if (error == SSL_ERROR_ZERO_RETURN) return 0;
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) errno = EAGAIN;
    else if (error != SSL_ERROR_SYSCALL) fail("TLS failed: %s.", ERR_reason_error_string(ERR_get_error()));
    return -1;
}

// False while more has to come from the server.
static inline bool tls_shake_hands(SSL *tls) {
    ERR_clear_error();
    ssize_t result = tls_result(tls, SSL_do_handshake(tls));
    if (result == 0 || (result < 0 && errno != EAGAIN)) fail("The server ended a connection in the handshake of TLS.");
    return result > 0;
}

static inline ssize_t tls_send(SSL *tls, const void *p, size_t length) {
    ERR_clear_error();
    return tls_result(tls, SSL_write(tls, p, length > INT_MAX ? INT_MAX : (int)length));
}

static inline ssize_t tls_receive(SSL *tls, void *p, size_t length) {
    ERR_clear_error();
    return tls_result(tls, SSL_read(tls, p, (int)length));
}

// Whether a part of a record is left that has been read from the socket, so that epoll says nothing about it.
static inline bool tls_holds(SSL *tls) { return SSL_pending(tls) > 0; }
#else // no option --tls, so that none of these is called
struct ssl_st;
#define tls_begin(fd) ((void)(fd), (struct ssl_st *)NULL)
#define tls_shake_hands(tls) ((void)(tls), false)
#define tls_send(tls, p, length) ((void)(tls), (void)(p), (void)(length), (ssize_t)-1)
#define tls_receive(tls, p, length) tls_send(tls, p, length)
#define tls_holds(tls) tls_shake_hands(tls)
#endif
