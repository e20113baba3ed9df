/// A run on Kubernetes, as one script that writes a kustomization and applies it; a dry run prints the same script.
package struct KubernetesLaunch: Sendable {
    package enum Overlay: String, Sendable, CaseIterable {
        /// Workers as an Indexed Job instead of a Deployment.
        case indexedJob = "indexed-job"
    }

    /// Where the kustomization is written, absolute.
    package var folder: String
    package var workers: Int
    package var image = "ponder:latest"
    package var namespace = "ponder"
    /// A context of kubectl's configuration; nil for the current one.
    package var context: String?
    package var overlay: Overlay?
    /// The run's configuration as YAML; nil for the embedded default.
    package var configuration: String?
    /// Processors and memory to request; nil for those of the base.
    package var needs: LaunchNeeds?
    package var summary = LaunchSummary([])

    package init(folder: String, workers: Int) {
        self.folder = folder
        self.workers = workers
    }

    /// Everything that would run, as one script.
    ///
    /// - Throws: `LaunchError` when the image's name is invalid, or when a template is missing.
    package func script(_ files: DeployFiles) throws -> String {
        var parts = try files.texts(in: "kubernetes/base")
        if let configuration {
            parts = parts.map { $0.name.hasSuffix("/config.yaml") ? ($0.name, configuration) : $0 }
        }
        if let overlay { parts += try files.texts(in: "kubernetes/overlays/\(overlay.rawValue)") }
        parts.append(("kubernetes/launch/kustomization.yaml", try kustomization()))
        let folders = Set(parts.map { $0.name.split(separator: "/").dropLast().joined(separator: "/") })
            .sorted()
        return """
            #!/bin/sh
            \(summary.comments)\
            set -eu
            folder=\(ShellText.quoted(folder))
            mkdir -p \(folders.map { "\"$folder/\($0)\"" }.joined(separator: " "))

            """ + parts.map { ShellText.writing($0.text, to: "\"$folder/\($0.name)\"") }.joined()
                + "\(Self.kubectl(context)) apply -k \"$folder/kubernetes/launch\"\n"
    }

    /// Prints the state of the pods.
    package static func statusScript(namespace: String, context: String?) -> String {
        "\(kubectl(context)) --namespace \(ShellText.quoted(namespace)) get pods "
            + "--selector app.kubernetes.io/component --no-headers "
            + "--output custom-columns=NAME:.metadata.name,PHASE:.status.phase,NODE:.spec.nodeName"
    }

    /// Ends the pods in order and keeps the run's volume.
    ///
    /// - Parameter grace: seconds to wait until they have ended.
    package static func stopScript(namespace: String, context: String?, grace: Int) -> String {
        let delete =
            "\(kubectl(context)) --namespace \(ShellText.quoted(namespace)) delete --ignore-not-found --wait"
        return """
            #!/bin/sh
            # Workers first: they give their work back to a coordinator that is still there. The volume stays.
            \(delete) --timeout=\(grace)s deployment/ponder-worker job/ponder-worker &&
                \(delete) --timeout=\(grace)s statefulset/ponder-coordinator

            """
    }

    private static func kubectl(_ context: String?) -> String {
        "kubectl" + (context.map { " --context \(ShellText.quoted($0))" } ?? "")
    }

    private func kustomization() throws -> String {
        let (name, digest, tag) = try imageParts()
        let version = digest.map { "digest: \($0)" } ?? "newTag: \"\(tag ?? "latest")\""
        var text = """
            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            namespace: \(namespace)
            resources:
              - \(overlay.map { "../overlays/\($0.rawValue)" } ?? "../base")
            images:
              - name: ponder
                newName: \(name)
                \(version)

            """
        let workerKind = overlay == .indexedJob ? "Job" : "Deployment"
        var patches = ""
        if let needs {
            patches += Self.resources(needs.coordinator, "StatefulSet", "ponder-coordinator")
            patches += Self.resources(needs.worker, workerKind, "ponder-worker")
        }
        if overlay == .indexedJob {
            patches += """
                  - target: { kind: Job, name: ponder-worker }
                    patch: |
                      - { op: replace, path: /spec/completions, value: \(workers) }
                      - { op: replace, path: /spec/parallelism, value: \(workers) }
                      - { op: replace, path: /spec/maxFailedIndexes, value: \(workers) }

                """
        } else {
            text += """
                replicas:
                  - name: ponder-worker
                    count: \(workers)

                """
        }
        if !patches.isEmpty { text += "patches:\n" + patches }
        return text
    }

    /// Requests processors and memory for the first container of a resource, and limits its memory to twice as much.
    private static func resources(_ need: LaunchNeeds.Process, _ kind: String, _ name: String) -> String {
        """
          - target: { kind: \(kind), name: \(name) }
            patch: |
              - op: replace
                path: /spec/template/spec/containers/0/resources
                value:
                  requests: { cpu: "\(need.processors)", memory: \(need.memory)Mi }
                  limits: { memory: \(2 * need.memory)Mi }

        """
    }

    /// Prints nothing when the Secrets with the keys are there, else the ones that are missing.
    package func secretCheck() -> String {
        let get = "\(Self.kubectl(context)) --namespace \(ShellText.quoted(namespace)) get secret"
        return """
            for name in \(Self.secrets.joined(separator: " ")); do
                \(get) "$name" >/dev/null 2>&1 || echo "$name"
            done

            """
    }

    /// The Secrets that coordinator and workers mount.
    package static let secrets = ["ponder-coordinator-keys", "ponder-worker-keys"]

    /// Takes `registry:5000/ponder:1.2` or `ponder@sha256:…` apart.
    private func imageParts() throws -> (name: String, digest: String?, tag: String?) {
        let good = image.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-/:@".contains($0)) }
        guard good, let first = image.first, first.isLetter || first.isNumber else {
            throw LaunchError(.usage, "\"\(image)\" is no image; write it as in registry.example/ponder:1.0")
        }
        if let at = image.firstIndex(of: "@") {
            return (String(image[..<at]), String(image[image.index(after: at)...]), nil)
        }
        let slash = image.lastIndex(of: "/") ?? image.startIndex
        if let colon = image[slash...].lastIndex(of: ":") {
            return (String(image[..<colon]), nil, String(image[image.index(after: colon)...]))
        }
        return (image, nil, nil)
    }
}
