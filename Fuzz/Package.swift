// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// One libFuzzer program. `scripts/fuzz` builds them: the sanitizers have to reach the modules of Alicorn, too, and a
/// manifest can set flags only for its own targets.
func fuzzer(_ name: String, folder: String) -> Target {
    .executableTarget(
        name: name,
        dependencies: [
            "FuzzDriver", .product(name: "AlicornProtocol", package: "alicorn"),
            .product(name: "AlicornDeflate", package: "alicorn"),
        ],
        path: "Sources/\(folder)"
    )
}

/// What SwiftPM calls Alicorn's package, after its folder: the engine uses what is `package` there,
/// so its targets here go by that name instead of their own (`packageAccess: false`).
let alicorn = String(
    Context.packageDirectory.split(separator: "/").dropLast().last.map {
        $0.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "_" }
    } ?? [])

/// What the manifest of Alicorn says of all its targets.
let engineSettings: [SwiftSetting] = [
    .unsafeFlags(["-package-name", alicorn]),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
]

/// Has sources that import a module of Alicorn's find the target here that is made of the same files.
func renamed(_ module: String, _ target: String) -> SwiftSetting {
    .unsafeFlags(["-module-alias", "\(module)=\(target)"])
}

let package = Package(
    name: "alicorn-fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "alicorn", path: ".."),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0", traits: ["JSON", "YAML"]),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
    ],
    targets: [
        .target(name: "CLibFuzzer"),
        .target(name: "FuzzDriver", dependencies: ["CLibFuzzer"]),
        fuzzer("fuzz-request", folder: "Request"),
        fuzzer("fuzz-response", folder: "Response"),
        fuzzer("fuzz-frames", folder: "Frames"),
        fuzzer("fuzz-extension-header", folder: "ExtensionHeader"),
        fuzzer("fuzz-inflate", folder: "Inflate"),
        .executableTarget(
            name: "fuzz-proxies",
            dependencies: ["FuzzDriver", .product(name: "AlicornProtocol", package: "alicorn")],
            path: "Sources/Proxies",
            packageAccess: false,
            swiftSettings: engineSettings
        ),
        // The engine is no product of Alicorn's, and nothing of it is public: its sources are a target here, too.
        .systemLibrary(name: "CLinuxHeaders", path: "Sources/CLinux"),
        .target(
            name: "EngineUnderFuzz",
            dependencies: [
                "CLinuxHeaders", .product(name: "AlicornProtocol", package: "alicorn"),
                .product(name: "AlicornDeflate", package: "alicorn"),
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            packageAccess: false,
            swiftSettings: engineSettings
        ),
        .executableTarget(
            name: "fuzz-engine",
            dependencies: ["FuzzDriver", "EngineUnderFuzz", .product(name: "AlicornProtocol", package: "alicorn")],
            path: "Sources/Engine",
            packageAccess: false,
            swiftSettings: engineSettings
        ),
        .target(
            name: "VirtualUnderFuzz",
            dependencies: ["EngineUnderFuzz", .product(name: "AlicornProtocol", package: "alicorn")],
            path: "Sources/VirtualUnderFuzz",
            sources: [
                "Virtual", "Memory/MemoryLink.swift", "Memory/MemoryNetwork.swift", "Memory/MemoryTransport.swift",
            ],
            packageAccess: false,
            swiftSettings: engineSettings + [renamed("AlicornTransport", "EngineUnderFuzz")]
        ),
        .executableTarget(
            name: "fuzz-exchange",
            dependencies: [
                "FuzzDriver", "EngineUnderFuzz", "VirtualUnderFuzz",
                .product(name: "AlicornProtocol", package: "alicorn"),
            ],
            path: "Sources/Exchange",
            packageAccess: false,
            swiftSettings: engineSettings
        ),
        .target(
            name: "AccessLogUnderFuzz",
            dependencies: [.product(name: "AlicornProtocol", package: "alicorn")],
            packageAccess: false,
            swiftSettings: engineSettings
        ),
        .executableTarget(
            name: "fuzz-access-log",
            dependencies: [
                "FuzzDriver", "AccessLogUnderFuzz", .product(name: "AlicornProtocol", package: "alicorn"),
            ],
            path: "Sources/AccessLog",
            packageAccess: false,
            swiftSettings: engineSettings
        ),
        .target(
            name: "SettingsUnderFuzz",
            dependencies: [
                "AccessLogUnderFuzz", .product(name: "AlicornProtocol", package: "alicorn"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
            ],
            packageAccess: false,
            swiftSettings: engineSettings + [renamed("AlicornASGI", "AccessLogUnderFuzz")]
        ),
        .executableTarget(
            name: "fuzz-configuration",
            dependencies: ["FuzzDriver", "SettingsUnderFuzz"],
            path: "Sources/Configuration",
            packageAccess: false,
            swiftSettings: engineSettings
        ),
        // The one file that it tries is a source of its own: what is in there is for no other module.
        .executableTarget(
            name: "fuzz-distinguished-name",
            dependencies: ["FuzzDriver"],
            path: "Sources/DistinguishedName",
            swiftSettings: engineSettings
        ),
    ],
    swiftLanguageModes: [.v6]
)
