// swift-tools-version: 6.2
import PackageDescription

// One set of language rules for every target. Warnings are errors in CI only.
let swiftSettings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + (Context.environment["CI"] == "true" ? [.treatAllWarnings(as: .error)] : [])

func target(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let complexModule: Target.Dependency = .product(name: "ComplexModule", package: "swift-numerics")
let realModule: Target.Dependency = .product(name: "RealModule", package: "swift-numerics")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let flyingFox: Target.Dependency = .product(name: "FlyingFox", package: "FlyingFox")
let flyingSocks: Target.Dependency = .product(name: "FlyingSocks", package: "FlyingFox")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

// Sources/README.md says what each target is for. Imports point to earlier targets only, and every import is declared:
// `swift build --explicit-target-dependency-import-check error` checks it.
let package = Package(
    name: "ponder",
    products: [
        .executable(name: "ponder", targets: ["ponder"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
    ],
    targets: [
        // Layer 0: not Swift. Scripts/build-shim builds the C++ of Sources/CTorch, and Torch opens it at run time, so the
        // package builds without libtorch.
        .systemLibrary(name: "CZeroMQ", pkgConfig: "libzmq", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "CTorchAPI"),

        // Layer 1: safe Swift over layer 0, and what every target may use.
        target("Primitives", [crypto]),
        target("Host", ["Primitives"]),
        target("StrictJSON"),
        target("StrictConfiguration", ["StrictJSON", "Primitives"]),
        target("ZeroMQ", ["Primitives", "CZeroMQ"]),
        target("Torch", ["CTorchAPI", deque]),
        target("Compression", ["CZstd"]),

        // Layer 2: values and decisions. No tensor, no socket.
        target("Reasoning", ["StrictConfiguration", "StrictJSON", "Primitives"]),
        target("BuiltInVerifiers", ["Reasoning", "Primitives", complexModule, realModule]),
        target("Reinforcement", ["Reasoning", "Primitives"]),
        target(
            "Settings",
            [
                "Reinforcement", "BuiltInVerifiers", "Reasoning", "StrictConfiguration", "Host",
                "Primitives", yams,
            ]),
        target("WeightTransfer", ["Reinforcement", "Compression", "Primitives", crypto, deque]),
        target("Scheduling", ["WeightTransfer", "Reinforcement", "Reasoning", "Primitives", deque]),
        target("Tokenization", ["StrictJSON", "Primitives"]),
        target("ExternalPrograms", ["Reasoning", "StrictJSON", "Host", "Primitives"]),

        // Layer 3: messages, models, records, and what generation and measurement share.
        target(
            "Wire",
            [
                "Scheduling", "WeightTransfer", "Reinforcement", "Reasoning", "StrictJSON", "Primitives",
            ]),
        target(
            "Messaging",
            [
                "Wire", "Scheduling", "WeightTransfer", "Reinforcement", "ZeroMQ", "Host", "Primitives",
                deque, logging,
            ]),
        target("Transformers", ["Reinforcement", "Torch", "Primitives"]),
        target(
            "ModelFiles",
            [
                "Transformers", "Tokenization", "WeightTransfer", "Reinforcement", "Torch", "StrictJSON",
                "Host", "Primitives",
            ]),
        target(
            "RunStore",
            [
                "Scheduling", "Settings", "Reinforcement", "Reasoning", "Host", "Primitives", grdb,
            ]),
        target(
            "Episodes",
            [
                "ExternalPrograms", "Tokenization", "Settings", "Reinforcement", "Reasoning", "StrictJSON",
                "Host",
            ]),

        // Layer 4: the roles.
        target(
            "Learning",
            [
                "Episodes", "Transformers", "Tokenization", "Settings", "Reinforcement",
                "BuiltInVerifiers", "Reasoning", "Torch", "Primitives",
            ]),
        target(
            "Rollouts",
            [
                "Episodes", "ModelFiles", "Transformers", "Wire", "ExternalPrograms", "Tokenization",
                "Scheduling", "WeightTransfer", "Settings", "Reinforcement", "Reasoning",
                "StrictConfiguration", "Torch", "Primitives",
            ]),
        target(
            "Coordination",
            [
                "Learning", "Episodes", "RunStore", "ModelFiles", "Transformers", "Wire",
                "ExternalPrograms", "Scheduling", "WeightTransfer", "Settings", "Reinforcement",
                "Reasoning", "StrictConfiguration", "Torch", "Host", "Primitives", crypto,
            ]),
        target("Launching", ["Host", "Primitives"]),
        target(
            "Dashboard",
            [
                "RunStore", "Settings", "Reinforcement", "Reasoning", "Host", "Primitives", crypto,
                flyingFox, flyingSocks,
            ]),

        // Layer 5: the parts put together.
        target(
            "Service",
            [
                "Dashboard", "Coordination", "Learning", "Episodes", "RunStore", "ModelFiles",
                "Transformers", "Messaging", "Wire", "ExternalPrograms", "Tokenization", "Scheduling",
                "WeightTransfer", "Settings", "Reinforcement", "BuiltInVerifiers", "Reasoning", "Torch",
                "ZeroMQ", "Host",
            ]),
        target(
            "Benchmarks",
            [
                "Learning", "RunStore", "Transformers", "Messaging", "Wire", "Tokenization", "Scheduling",
                "WeightTransfer", "Settings", "Reinforcement", "Reasoning", "Torch", "ZeroMQ", "Host",
                "Primitives", heap,
            ]),
        .executableTarget(
            name: "ponder",
            dependencies: [
                "Benchmarks", "Service", "Dashboard", "Launching", "Coordination", "Rollouts", "Learning",
                "Episodes", "RunStore", "ModelFiles", "Transformers", "Messaging", "ExternalPrograms",
                "Tokenization", "Scheduling", "WeightTransfer", "Settings", "Reinforcement",
                "BuiltInVerifiers", "Reasoning", "StrictConfiguration", "Torch", "ZeroMQ", "StrictJSON",
                "Host", "Primitives", argumentParser, logging,
            ],
            resources: [
                .copy("Resources/base"), .copy("Resources/dashboard"), .copy("Resources/deploy"),
                .copy("Resources/help"), .copy("Resources/scripts"),
            ],
            swiftSettings: swiftSettings
        ),

        // For tests: in-process transports, the simulator and scripted peers; and raw sockets with proxies.
        target(
            "TestSupport",
            [
                "Wire", "Scheduling", "WeightTransfer", "Reinforcement", "Reasoning", "Primitives", heap,
            ]),
        target("TestNetwork", ["TestSupport", "ZeroMQ", "Primitives"]),
        tests("ZeroMQTests", ["TestNetwork", "TestSupport", "ZeroMQ", "Primitives"]),
        tests("TorchTests", ["Torch"]),
        tests("CompressionTests", ["Compression"]),
        tests("PrimitivesTests", ["Primitives"]),
        tests("HostTests", ["Host"]),
        tests("StrictJSONTests", ["StrictJSON"]),
        tests("StrictConfigurationTests", ["StrictConfiguration"]),
        tests(
            "ReasoningTests",
            [
                "ExternalPrograms", "BuiltInVerifiers", "Reasoning", "StrictConfiguration", "Primitives",
            ]),
        tests("BuiltInVerifiersTests", ["BuiltInVerifiers", "Reasoning"]),
        tests("ReinforcementTests", ["TestSupport", "Reinforcement", "Reasoning"]),
        tests(
            "SettingsTests",
            [
                "Settings", "Reinforcement", "BuiltInVerifiers", "Reasoning", "StrictConfiguration",
                "StrictJSON",
            ]),
        tests(
            "WeightTransferTests",
            [
                "TestSupport", "Wire", "WeightTransfer", "Reinforcement", "Compression", "Primitives",
            ]),
        tests(
            "SchedulingTests",
            [
                "TestSupport", "Wire", "Scheduling", "WeightTransfer", "Reinforcement", "Reasoning",
            ]),
        tests("TokenizationTests", ["TestSupport", "Tokenization"]),
        tests("ExternalProgramsTests", ["ExternalPrograms", "BuiltInVerifiers", "Reasoning"]),
        tests(
            "WireTests",
            [
                "TestSupport", "Wire", "Scheduling", "WeightTransfer", "Reinforcement", "Reasoning",
                "Primitives",
            ]),
        tests(
            "MessagingTests",
            [
                "TestNetwork", "TestSupport", "Messaging", "Wire", "Scheduling", "WeightTransfer",
                "Reinforcement", "ZeroMQ", "Host", "Primitives", logging,
            ]),
        tests("TransformersTests", ["ModelFiles", "Transformers", "Reinforcement", "Torch"]),
        tests(
            "ModelFilesTests",
            [
                "ModelFiles", "Transformers", "Tokenization", "Reinforcement", "Torch", "Host",
                "Primitives",
            ]),
        tests(
            "RunStoreTests",
            [
                "RunStore", "Scheduling", "Settings", "Reinforcement", "Reasoning", "StrictConfiguration",
                "Host", grdb,
            ]),
        tests(
            "EpisodesTests",
            [
                "Episodes", "Settings", "Reinforcement", "BuiltInVerifiers", "Reasoning",
                "StrictConfiguration",
            ]),
        tests(
            "LearningTests",
            [
                "Learning", "ModelFiles", "Transformers", "Tokenization", "Settings", "Reinforcement",
                "Reasoning", "Torch",
            ]),
        tests(
            "RolloutsTests",
            [
                "TestSupport", "Rollouts", "Wire", "Scheduling", "WeightTransfer", "Reinforcement",
                "Primitives",
            ]),
        tests(
            "CoordinationTests",
            [
                "TestNetwork", "TestSupport", "Service", "Coordination", "Rollouts", "Learning",
                "Episodes", "RunStore", "ModelFiles", "Transformers", "Messaging", "Wire",
                "ExternalPrograms", "Tokenization", "Scheduling", "WeightTransfer", "Settings",
                "Reinforcement", "Reasoning", "StrictConfiguration", "Torch", "ZeroMQ", "Host",
            ]),
        tests("LaunchingTests", ["Launching"]),
        tests(
            "DashboardTests",
            [
                "Dashboard", "RunStore", "Settings", "Reinforcement", "Reasoning", "Host", flyingFox,
            ]),
        tests(
            "CommandTests",
            [
                "ponder", "TestSupport", "Dashboard", "Learning", "Episodes", "RunStore", "Messaging",
                "Tokenization", "Scheduling", "Settings", "Reinforcement", "Reasoning",
                "StrictConfiguration", "ZeroMQ", argumentParser,
            ]),
    ]
)
