// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// What an application catches, and what it is given.
@_exported public import AlicornASGI
@_exported public import AlicornMetrics
@_exported public import AlicornWebSocket

/// The application server: runs ASGI applications, with HTTP and WebSocket on one port.
public enum Alicorn {}
