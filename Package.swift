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
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")

// Sources/README.md says what each target is for. Imports point to earlier targets only, and every import is declared:
// `swift build --explicit-target-dependency-import-check error` checks it.
let package = Package(
    name: "ponder",
    products: [
        .executable(name: "ponder", targets: ["ponder"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // Layer 0: not Swift. Scripts/build-shim builds the C++ of Sources/CTorch, and Torch opens it at run time, so the
        // package builds without libtorch.
        .systemLibrary(name: "CZeroMQ", pkgConfig: "libzmq", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "CTorchAPI"),

        // Layer 1: safe Swift over layer 0, and what every target may use.
        target("Primitives"),
        target("Host"),
        target("StrictJSON"),
        target("StrictConfiguration"),
        target("ZeroMQ", ["Primitives", "CZeroMQ"]),
        target("Torch", ["CTorchAPI"]),
        target("Compression", ["CZstd"]),

        // Layer 2: values and decisions. No tensor, no socket.
        target("Reasoning", ["StrictConfiguration", "StrictJSON", "Primitives"]),
        target("BuiltInVerifiers", ["Reasoning"]),
        target("Reinforcement", ["Reasoning"]),
        target("Settings", ["StrictConfiguration"]),
        target("WeightTransfer", ["Reinforcement", "Primitives"]),
        target("Scheduling", ["Reinforcement"]),
        target("Tokenization", ["StrictJSON"]),
        target("ExternalPrograms", ["Reasoning"]),

        // Layer 3: messages, models, records, and what generation and measurement share.
        target("Wire", ["WeightTransfer", "Reinforcement", "StrictJSON"]),
        target("Messaging", ["ZeroMQ"]),
        target("Transformers", ["Reinforcement", "Torch"]),
        target("ModelFiles", ["Transformers", "WeightTransfer"]),
        target("RunStore", ["Scheduling", "Reinforcement", "Host", "Primitives", grdb]),
        target("Episodes"),

        // Layer 4: the roles.
        target("Learning", ["Transformers", "Torch"]),
        target("Rollouts", ["Wire"]),
        target("Coordination", ["RunStore", "Transformers", "Wire", "Settings", "Torch"]),
        target("Launching", ["Primitives"]),

        // Layer 5: the parts put together.
        target("Service", ["Settings"]),
        target("Benchmarks", ["Tokenization", "ZeroMQ"]),
        .executableTarget(
            name: "ponder",
            dependencies: [
                "Service", "Transformers", "Messaging", "Settings", "Torch", "ZeroMQ", "StrictJSON",
                argumentParser,
            ],
            resources: [.copy("Resources/base"), .copy("Resources/deploy")],
            swiftSettings: swiftSettings
        ),

        // For tests: in-process transports, the simulator and scripted peers; and raw sockets with proxies.
        target("TestSupport", ["Wire", "Scheduling", "Reinforcement", "Primitives"]),
        target("TestNetwork", ["TestSupport", "ZeroMQ"]),
        tests("ZeroMQTests", ["ZeroMQ"]),
        tests("TorchTests", ["Torch"]),
        tests("CompressionTests"),
        tests("PrimitivesTests"),
        tests("StrictJSONTests"),
        tests("StrictConfigurationTests", ["StrictConfiguration"]),
        tests("ReasoningTests", ["Reasoning"]),
        tests("BuiltInVerifiersTests", ["BuiltInVerifiers", "Reasoning"]),
        tests("ReinforcementTests"),
        tests("SettingsTests"),
        tests(
            "WeightTransferTests",
            [
                "Messaging", "WeightTransfer", "Reinforcement", "Compression", "Torch",
            ]),
        tests("SchedulingTests", ["WeightTransfer", "Reinforcement"]),
        tests("TokenizationTests", ["Tokenization"]),
        tests("ExternalProgramsTests", ["ExternalPrograms"]),
        tests("WireTests", ["Wire"]),
        tests("MessagingTests", ["Messaging", "Wire", "ZeroMQ"]),
        tests("TransformersTests", ["Transformers"]),
        tests("ModelFilesTests", ["Transformers"]),
        tests("RunStoreTests", ["RunStore"]),
        tests("LearningTests", ["Transformers"]),
        tests(
            "CoordinationTests",
            [
                "Service", "Coordination", "Rollouts", "RunStore", "Transformers", "Wire",
                "ExternalPrograms", "Scheduling", "Settings", "Reinforcement", "Torch", "ZeroMQ", "Host",
            ]),
        tests("LaunchingTests", ["Launching"]),
        tests("CommandTests", ["ponder", "ponder", "RunStore", "Tokenization", "Scheduling", "ZeroMQ"]),
    ]
)
