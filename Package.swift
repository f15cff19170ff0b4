// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

var settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
]

// Set by CI and scripts/check. Who only builds Alicorn is not stopped by what a newer compiler warns about.
if Context.environment["ALICORN_WARNINGS_AS_ERRORS"] != nil {
    settings.append(.treatAllWarnings(as: .error))
}

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")

let package = Package(
    name: "alicorn",
    platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
    products: [
        .library(name: "AlicornProtocol", targets: ["AlicornProtocol"]),
        .library(name: "AlicornDeflate", targets: ["AlicornDeflate"]),
        .library(name: "AlicornWebSocket", targets: ["AlicornWebSocket"]),
        .library(name: "Alicorn", targets: ["Alicorn"]),
        .library(name: "AlicornTesting", targets: ["AlicornTesting"]),
        .library(name: "AlicornPython", type: .static, targets: ["AlicornPython"]),
        .executable(name: "alicorn", targets: ["AlicornCommand"]),
    ],
    traits: [
        .trait(name: "Metrics", description: "Counts connections, messages and bytes with swift-metrics."),
        .trait(name: "Tracing", description: "Opens a span for each connection with swift-distributed-tracing."),
        .trait(name: "Lifecycle", description: "Makes the server a Service of swift-service-lifecycle."),
        .default(enabledTraits: ["Metrics", "Tracing", "Lifecycle"]),
    ],
    dependencies: [
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift.git", from: "0.2.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0", traits: ["JSON", "YAML"]),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        .target(
            name: "AlicornProtocol",
            dependencies: [.product(name: "HTTPTypes", package: "swift-http-types")],
            swiftSettings: settings + [.strictMemorySafety()]
        ),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .target(
            name: "AlicornDeflate",
            dependencies: ["AlicornProtocol", "CZlib"],
            swiftSettings: settings + [.strictMemorySafety()]
        ),
        .systemLibrary(name: "CLinux"),
        .target(
            name: "AlicornTransport",
            dependencies: [
                "AlicornProtocol", "AlicornDeflate", "CLinux",
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "AlicornMetrics",
            dependencies: [
                "AlicornProtocol", "AlicornTransport", .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "AlicornASGI",
            dependencies: [
                "AlicornProtocol", "AlicornDeflate", "AlicornTransport", "AlicornMetrics",
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: settings
        ),
        .systemLibrary(name: "CPython"),
        .target(
            name: "AlicornPython",
            dependencies: [
                "AlicornProtocol", "AlicornDeflate", "AlicornTransport", "AlicornMetrics", "AlicornASGI", "CPython",
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: settings + [.enableExperimentalFeature("Lifetimes")]
        ),
        .target(
            name: "AlicornNIO",
            dependencies: [
                "AlicornProtocol", "AlicornTransport", nioCore, nioPosix,
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"), .product(name: "NIOTLS", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "AlicornWebSocket",
            dependencies: [
                "AlicornProtocol", "AlicornDeflate", "AlicornTransport", "AlicornNIO", nioCore,
                .product(name: "Logging", package: "swift-log"),
                .product(name: "DequeModule", package: "swift-collections"),
                .target(name: "AlicornMetrics", condition: .when(traits: ["Metrics"])),
                .product(name: "Metrics", package: "swift-metrics", condition: .when(traits: ["Metrics"])),
                .product(
                    name: "Tracing", package: "swift-distributed-tracing", condition: .when(traits: ["Tracing"])),
                .product(
                    name: "ServiceLifecycle", package: "swift-service-lifecycle",
                    condition: .when(traits: ["Lifecycle"])),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "AlicornTesting",
            dependencies: [
                "AlicornProtocol", "AlicornTransport", "AlicornWebSocket", nioCore,
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Alicorn",
            dependencies: [
                "AlicornProtocol", "AlicornDeflate", "AlicornTransport", "AlicornMetrics", "AlicornASGI", "AlicornNIO",
                "AlicornWebSocket", nioCore,
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "AlicornCommand",
            dependencies: [
                "Alicorn", "AlicornDeflate", "AlicornNIO", "AlicornProtocol", "AlicornTransport", "AlicornWebSocket",
                "CLinux", nioCore, nioPosix,
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),

        .target(
            name: "EngineTesting",
            dependencies: ["AlicornWebSocket", "AlicornTesting", .product(name: "Logging", package: "swift-log")],
            path: "Tests/Support", exclude: ["Peers/Python"], swiftSettings: settings
        ),
        .testTarget(
            name: "AlicornProtocolTests",
            dependencies: ["AlicornProtocol", .product(name: "HTTPTypes", package: "swift-http-types")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AlicornDeflateTests", dependencies: ["AlicornProtocol", "AlicornDeflate", "CZlib"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AlicornTransportTests",
            dependencies: ["AlicornProtocol", "AlicornDeflate", "AlicornTransport", "AlicornTesting", "CLinux"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AlicornNIOTests",
            dependencies: [
                "AlicornNIO", "AlicornProtocol", "AlicornTransport", "AlicornTesting",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AlicornWebSocketTests",
            dependencies: [
                "AlicornNIO", "AlicornProtocol", "AlicornDeflate", "AlicornTransport", "AlicornWebSocket",
                "AlicornTesting",
                "EngineTesting", "AlicornCommand",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "MetricsTestKit", package: "swift-metrics", condition: .when(traits: ["Metrics"])),
                .product(
                    name: "InMemoryTracing", package: "swift-distributed-tracing",
                    condition: .when(traits: ["Tracing"])),
                .product(
                    name: "ServiceLifecycle", package: "swift-service-lifecycle",
                    condition: .when(traits: ["Lifecycle"])),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AlicornASGITests",
            dependencies: ["AlicornASGI", "AlicornProtocol", "AlicornTransport", "AlicornTesting"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "worker-probe", dependencies: ["Alicorn", "AlicornASGI", "AlicornTransport"],
            path: "Tests/WorkerProbe", swiftSettings: settings
        ),
        .testTarget(
            name: "AlicornTests",
            dependencies: [
                "Alicorn", "AlicornASGI", "AlicornCommand", "AlicornMetrics", "AlicornNIO", "AlicornProtocol",
                "AlicornTesting",
                "AlicornTransport", "AlicornWebSocket", "EngineTesting", "worker-probe", nioCore,
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AlicornCommandTests",
            dependencies: [
                "AlicornCommand", "AlicornDeflate", "AlicornProtocol", "AlicornTesting", "AlicornTransport",
                "AlicornWebSocket", "EngineTesting", nioCore,
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AlicornTestingTests",
            dependencies: [
                "AlicornProtocol", "AlicornDeflate", "AlicornTesting", "AlicornWebSocket",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "autobahn-client", dependencies: ["AlicornDeflate", "AlicornWebSocket"],
            path: "Tests/Conformance/AutobahnClient", swiftSettings: settings
        ),
        .testTarget(
            name: "ConformanceTests",
            dependencies: [
                "Alicorn", "AlicornDeflate", "AlicornProtocol", "AlicornTransport", "AlicornNIO", "AlicornTesting",
                "AlicornWebSocket", "EngineTesting", "AlicornCommand", nioCore, nioPosix,
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
