// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Which end of the connection we are. Only the client masks (RFC 6455 §5.1) and only the server closes TCP first (§7.1.1).
public enum Role: Sendable, Hashable, BitwiseCopyable {
    case client
    case server
}
