// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Testing

/// What speaks WebSocket in the servers of a test.
enum ImplementationUnderTest {
    @TaskLocal static var current = ServerSettings.Implementation.alicorn
}

/// Runs each test once with each implementation of WebSocket.
struct ImplementationTrait: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    @concurrent
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        for implementation in [ServerSettings.Implementation.alicorn, .nio] {
            try await ImplementationUnderTest.$current.withValue(implementation) { try await function() }
        }
    }
}

extension Trait where Self == ImplementationTrait {
    static var onEachImplementation: Self { Self() }
}
