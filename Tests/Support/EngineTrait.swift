// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornWebSocket
package import Testing

/// The engine that the servers of a test run on.
package enum EngineUnderTest {
    @TaskLocal package static var current = WebSocketServer.Engine.automatic

    /// All that exist here.
    package static var all: [WebSocketServer.Engine] {
        #if os(Linux)
        [.nio, .native]
        #else
        [.nio]
        #endif
    }
}

/// Runs each test once on each engine.
package struct EngineTrait: SuiteTrait, TestTrait, TestScoping {
    package var isRecursive: Bool { true }

    @concurrent
    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        for engine in EngineUnderTest.all {
            try await EngineUnderTest.$current.withValue(engine) { try await function() }
        }
    }
}

extension Trait where Self == EngineTrait {
    package static var onEachEngine: Self { Self() }
}

extension EngineUnderTest {
    /// The word of the command line for it.
    package static var name: String {
        switch current {
        case .automatic: "auto"
        case .nio: "nio"
        case .native: "native"
        }
    }
}
