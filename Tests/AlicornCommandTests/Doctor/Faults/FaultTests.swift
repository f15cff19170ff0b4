// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation
import Testing

@testable import AlicornCommand

@Suite("alicorn doctor: all faults")
struct FaultTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    @Test("each is found in some test", arguments: Fault.ID.allCases)
    func tested(_ id: Fault.ID) throws {
        let files = try FileManager.default.subpathsOfDirectory(atPath: Self.folder.path)
        let tests = try files.filter { $0 != "FaultTests.swift" }.map {
            try String(contentsOf: Self.folder.appendingPathComponent($0), encoding: .utf8)
        }
        #expect(tests.contains { $0.contains(".\(id)") })
    }

    @Test("the article lists them all, in their order, and no other")
    func documented() throws {
        let article = Self.folder.appendingPathComponent(
            "../../../../Sources/Alicorn/Documentation.docc/TheDoctor.md"
        ).standardized
        let listed = try String(contentsOf: article, encoding: .utf8).matches(of: /\n\| `([a-z0-9.-]+)` \|/)
            .map { String($0.1) }
        #expect(listed == Fault.ID.allCases.map(\.rawValue))
    }
}
