// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The application server: runs ASGI applications, with HTTP and WebSocket on one port.
public enum Alicorn {}
