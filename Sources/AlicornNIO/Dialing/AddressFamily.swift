// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Which of a host's IP addresses are tried.
public enum AddressFamily: Sendable, Hashable {
    /// Both, side by side (RFC 8305).
    case any
    /// IPv4 alone.
    case ipv4
    /// IPv6 alone.
    case ipv6
}
