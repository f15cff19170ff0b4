// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// A transport that takes no more: how much it had sent when it was last looked at, and when to look again.
///
/// On the heap: most transports never are.
package final class WriteStall {
    package let sent: Int
    package let deadline: Timestamp

    package init(sent: Int, deadline: Timestamp) {
        self.sent = sent
        self.deadline = deadline
    }
}
