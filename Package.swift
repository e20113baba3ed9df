// swift-tools-version: 6.2
import PackageDescription

// One set of language rules for every target. Warnings are errors in CI only.
let swiftSettings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + (Context.environment["CI"] == "true" ? [.treatAllWarnings(as: .error)] : [])

func target(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["TestSupport"], swiftSettings: swiftSettings)
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
    name: "ponder",
    products: [
        .executable(name: "ponder", targets: ["ponder"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Layer 0: what is not Swift. The C++ of Sources/CTorch is built by Scripts/build-shim and opened at run time, so the
        // package builds without libtorch.
        .systemLibrary(name: "CZeroMQ", pkgConfig: "libzmq", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "CTorchAPI"),
        // Layer 1: thin, safe Swift over layer 0.
        target("ZeroMQ", ["CZeroMQ", "Primitives"]),
        target("Torch", ["CTorchAPI"]),
        target("Primitives", [crypto]),
        target("Host", ["Primitives"]),
        target("StrictJSON"),
        target("Compression", ["CZstd"]),

        // Layer 2: no tensor, no socket.
        target("Reasoning", ["Primitives", "StrictJSON"]),
        target("Reinforcement", ["Reasoning", "Primitives"]),
        target("Tokenization", ["Primitives", "StrictJSON"]),
        target("Wire", ["Reasoning", "Reinforcement", "Compression", "Primitives", "StrictJSON", crypto]),
        // Beside layer 2: starts processes, knows no tensor and no socket.
        target("ExternalPrograms", ["Reasoning", "Host", "Primitives", "StrictJSON"]),

        // Layer 3: models, messages and the run's records.
        target("Transformers", ["Torch", "Tokenization", "Host", "Primitives", "StrictJSON"]),
        target("Messaging", ["ZeroMQ", "Wire", "Host", "Primitives", logging]),
        target("RunStore", ["Reasoning", "Reinforcement", "Host", "Primitives", "StrictJSON", grdb, yams]),

        // Layer 4: the three roles.
        target("Learning", ["Transformers", "Reinforcement", "Reasoning", "RunStore", "Primitives"]),
        target(
            "Rollouts",
            ["Transformers", "Reinforcement", "Reasoning", "ExternalPrograms", "Wire", "RunStore", "Primitives"]),
        target(
            "Coordination",
            [
                "Learning", "Rollouts", "ExternalPrograms", "Messaging", "RunStore", "Wire", "Host", "Primitives",
            ]),
        // Starts all of them with what a cluster has: scripts in, processes out, no socket and no tensor.
        target("Launching", ["Host", "Primitives"]),

        // Layer 5: the command line.
        .executableTarget(
            name: "ponder",
            dependencies: [
                "Coordination", "Launching", "Learning", "Rollouts", "ExternalPrograms", "Messaging",
                "Host", "Primitives", "StrictJSON",
                "RunStore", "ZeroMQ",
                argumentParser,
                logging,
            ],
            resources: [.copy("Resources/base"), .copy("Resources/deploy")],
            swiftSettings: swiftSettings
        ),

        target("TestSupport", ["Wire", "Reinforcement", "Reasoning", "ZeroMQ", "Primitives"]),
        tests("PrimitivesTests", ["Primitives"]),
        tests("StrictJSONTests", ["StrictJSON"]),
        tests("ZeroMQTests", ["ZeroMQ"]),
        tests("CompressionTests", ["Compression"]),
        tests("TorchTests", ["Torch"]),
        tests("ReasoningTests", ["Reasoning", "Primitives"]),
        tests("ReinforcementTests", ["Reinforcement"]),
        tests("TokenizationTests", ["Tokenization"]),
        tests("WireTests", ["Wire", "Primitives"]),
        tests("ExternalProgramsTests", ["ExternalPrograms", "Reasoning"]),
        tests("TransformersTests", ["Transformers"]),
        tests("MessagingTests", ["Messaging", "Primitives", logging]),
        tests("RunStoreTests", ["RunStore", "Host"]),
        tests("LearningTests", ["Learning"]),
        tests("CoordinationTests", ["Coordination", "Rollouts", "ExternalPrograms", "Host"]),
        tests("LaunchingTests", ["Launching"]),
        tests("CommandTests", ["ponder"]),
    ]
)
