// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Testing

@Suite("Which files are worth a reload")
struct ReloadFilterTests {
    @Test(
        "what a package is made of is, and nothing hidden",
        arguments: [
            ("/app/Sources/App/main.swift", true), ("/app/Package.swift", true), ("/app/Package.resolved", true),
            ("/app/README.md", false), ("/app/Sources/.#main.swift", false), ("/app/main.swift~", false),
        ])
    func defaults(path: String, counts: Bool) {
        #expect(ReloadFilter().includes(file: path) == counts)
    }

    @Test(
        "patterns are matched from the end of the path",
        arguments: [
            (["*.leaf"], [], "/app/Views/a.leaf", true),
            (["Views/*.leaf"], [], "/app/Views/a.leaf", true),
            (["Views/*.leaf"], [], "/app/Other/a.leaf", false),
            (["*/*.leaf"], [], "/app/Other/a.leaf", true),
            ([".env"], [], "/app/.env", true),
            (["*"], [], "/app/.env", false),
            ([], ["*.swift"], "/app/a.swift", false),
            ([], ["*.swift"], "/app/Package.resolved", true),
            ([], ["Generated/*"], "/app/Generated/a.swift", false),
            ([], ["a.swift"], "/app/a.swift", false),
        ] as [([String], [String], String, Bool)])
    func patterns(includes: [String], excludes: [String], path: String, counts: Bool) {
        #expect(ReloadFilter(includes: includes, excludes: excludes).includes(file: path) == counts)
    }

    @Test(
        "folders are left out when hidden, by name, by path and by pattern",
        arguments: [
            ([], "/app/Sources", true), ([], "/app/.build", false), ([], "/app/.git", false),
            (["node_modules"], "/app/web/node_modules", false), (["node_modules"], "/app/node_module", true),
            (["/app/Data"], "/app/Data", false), (["/app/Data"], "/other/Data", true),
            (["./Data/Big"], "/app/Data/Big", false), (["Data/Big/"], "/app/Data/Big", false),
            (["*.xcassets"], "/app/a.xcassets", false),
        ] as [([String], String, Bool)])
    func directories(excludes: [String], path: String, counts: Bool) {
        #expect(ReloadFilter(excludes: excludes, workingDirectory: "/app").includes(directory: path) == counts)
    }
}
