// SPDX-License-Identifier: GPL-3.0-or-later
#include "design/templates.h"

#include "design/palette.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::design {

namespace {

constexpr std::string_view webApplication = R"(# Settings that the pods read as environment variables.
@ConfigMap
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: NAME
spec:
  replicas: 2
  selector:
    matchLabels:
      app: NAME
  template:
    metadata:
      labels:
        app: NAME
    spec:
      containers:
        - name: web
          image: nginx:1.27
          ports:
            - name: http
              containerPort: 80
          envFrom:
            - configMapRef:
                name: NAME
          readinessProbe:
            httpGet:
              path: /
              port: http
          resources:
            requests:
              cpu: 50m
              memory: 64Mi
            limits:
              memory: 128Mi
---
# One address for all of its pods.
apiVersion: v1
kind: Service
metadata:
  name: NAME
spec:
  selector:
    app: NAME
  ports:
    - name: http
      port: 80
      targetPort: http
)";

constexpr std::string_view scaledAddition = R"(---
# Reached from outside under this host.
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: NAME
spec:
  rules:
    - host: NAME.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: NAME
                port:
                  name: http
---
@HorizontalPodAutoscaler
---
@PodDisruptionBudget
)";

constexpr std::string_view database = R"(apiVersion: v1
kind: Secret
metadata:
  name: NAME
type: Opaque
stringData:
  POSTGRES_PASSWORD: change-me
---
# Without an address of its own: each pod is reached by its name.
apiVersion: v1
kind: Service
metadata:
  name: NAME
spec:
  clusterIP: None
  selector:
    app: NAME
  ports:
    - name: postgres
      port: 5432
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: NAME
spec:
  serviceName: NAME
  replicas: 1
  selector:
    matchLabels:
      app: NAME
  template:
    metadata:
      labels:
        app: NAME
    spec:
      containers:
        - name: postgres
          image: postgres:17
          ports:
            - name: postgres
              containerPort: 5432
          envFrom:
            - secretRef:
                name: NAME
          volumeMounts:
            - name: data
              mountPath: /var/lib/postgresql/data
  volumeClaimTemplates:
    - metadata:
        name: data
      spec:
        accessModes: ["ReadWriteOnce"]
        resources:
          requests:
            storage: 5Gi
)";

constexpr std::string_view worker = R"(# What the worker reads as a file.
apiVersion: v1
kind: ConfigMap
metadata:
  name: NAME
data:
  worker.conf: |
    threads = 2
    queue = default
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: NAME
spec:
  replicas: 1
  selector:
    matchLabels:
      app: NAME
  template:
    metadata:
      labels:
        app: NAME
    spec:
      containers:
        - name: worker
          image: busybox:1.36
          command: ["sh", "-c", "cat /etc/worker/worker.conf; while true; do date; sleep 30; done"]
          volumeMounts:
            - name: config
              mountPath: /etc/worker
              readOnly: true
          resources:
            limits:
              memory: 64Mi
      volumes:
        - name: config
          configMap:
            name: NAME
)";

constexpr std::string_view nightly = R"yaml(apiVersion: v1
kind: ConfigMap
metadata:
  name: NAME
data:
  script.sh: |
    echo "it is $(date)"
---
apiVersion: batch/v1
kind: CronJob
metadata:
  name: NAME
spec:
  schedule: "0 3 * * *"
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: OnFailure
          containers:
            - name: job
              image: busybox:1.36
              command: ["sh", "/scripts/script.sh"]
              volumeMounts:
                - name: scripts
                  mountPath: /scripts
          volumes:
            - name: scripts
              configMap:
                name: NAME
)yaml";

constexpr std::string_view reader = R"(@ServiceAccount
---
@Role
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: NAME
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: NAME
subjects:
  - kind: ServiceAccount
    name: NAME
    namespace: NAMESPACE
)";

constexpr std::string_view webKinds = "v1 ConfigMap\napps/v1 Deployment\nv1 Service";

/// The lines that name a kind, as "@Role", become what the palette makes of it.
std::string written(std::string_view text)
{
    std::string out;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size() - 1) + 1;
        const auto line = text.substr(begin, end - begin);
        out += line.starts_with('@') ? starterText(*paletteEntry(line.substr(1, line.size() - 2))) : std::string(line);
        begin = end;
    }
    return out;
}

std::vector<std::pair<std::string, std::string>> kindsOf(const Template& one)
{
    std::vector<std::pair<std::string, std::string>> all;
    for (std::size_t begin = 0; begin < one.kinds.size();) {
        const auto end = std::min(one.kinds.find('\n', begin), one.kinds.size());
        const auto line = one.kinds.substr(begin, end - begin);
        const auto blank = line.find(' ');
        all.emplace_back(line.substr(0, blank), line.substr(blank + 1));
        begin = end + 1;
    }
    return all;
}

} // namespace

std::span<const Template> templates()
{
    static const auto web = written(webApplication);
    static const auto scaled = web + written(scaledAddition);
    static const auto account = written(reader);
    static const std::array all{
        Template{"Web application", "A Deployment with its settings, behind a Service.", "web", webKinds, web},
        Template{"Web application for the world", "The same with an Ingress, an autoscaler and a disruption budget.",
                 "web",
                 "v1 ConfigMap\napps/v1 Deployment\nv1 Service\nnetworking.k8s.io/v1 Ingress\nautoscaling/v2 "
                 "HorizontalPodAutoscaler\npolicy/v1 PodDisruptionBudget",
                 scaled},
        Template{"Worker", "A Deployment without a Service, with a configuration file.", "worker",
                 "v1 ConfigMap\napps/v1 Deployment", worker},
        Template{"Database", "A StatefulSet with storage, a password and a name for each pod.", "database",
                 "v1 Secret\nv1 Service\napps/v1 StatefulSet", database},
        Template{"Nightly job", "A script that runs by the clock.", "nightly", "v1 ConfigMap\nbatch/v1 CronJob",
                 nightly},
        Template{"Account that may read", "A ServiceAccount, a Role and the binding between them.", "reader",
                 "v1 ServiceAccount\nrbac.authorization.k8s.io/v1 Role\nrbac.authorization.k8s.io/v1 RoleBinding",
                 account}};
    return all;
}

std::vector<const Template*> templatesOf(const document::Kinds& kinds)
{
    std::vector<const Template*> known;
    for (const auto& one : templates())
        if (std::ranges::all_of(kindsOf(one), [&](const auto& kind) { return kinds.find(kind.first, kind.second); }))
            known.push_back(&one);
    return known;
}

std::string templateText(const Template& one, const std::vector<Card>& cards)
{
    const auto kinds = kindsOf(one);
    std::string name(one.name);
    const auto isTaken = [&] {
        return std::ranges::any_of(cards, [&](const Card& card) {
            return card.object.name == name &&
                   std::ranges::any_of(kinds, [&](const auto& kind) { return kind.second == card.object.kind; });
        });
    };
    for (int number = 2; isTaken(); ++number)
        name = fmt::format("{}-{}", one.name, number);
    return filledIn(std::string(one.text), name, "default");
}

} // namespace keelson::design
