// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The versions of the specification that the rules here follow: `scope["asgi"]` (A-04, A-HS-02, A-HS-03).
public enum ASGIVersion {
    /// Of the base protocol.
    public static let base = "3.0"
    /// Of HTTP, with an error for who sends after the end (2.4).
    public static let http = "2.5"
    /// Of WebSocket, with a reason in disconnect (2.5).
    public static let webSocket = "2.5"
    /// Of lifespan.
    public static let lifespan = "2.0"
}
