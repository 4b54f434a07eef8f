// SPDX-License-Identifier: Apache-2.0
// New nodes with nothing but a bootstrap token.
#include "support/control_plane_process.h"
#include "support/tree.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keelson::e2e {
namespace {

using std::chrono::seconds;
using support::eventually;
using testing::HasSubstr;

/// A cluster with two bootstrap tokens: abcdef.0123456789abcdef, and expird.0123456789abcdef, which is over.
class Bootstrap : public testing::Test {
protected:
    Bootstrap()
    {
        EXPECT_TRUE(m_server.waitReady()) << m_server.log();
        for (const auto& [id, expiration] :
             {std::pair{"abcdef", "2100-01-01T00:00:00Z"}, std::pair{"expird", "2020-01-01T00:00:00Z"}})
            kubectl({"create", "-f", "-"}, fmt::format(R"(
apiVersion: v1
kind: Secret
metadata: {{name: bootstrap-token-{}, namespace: kube-system}}
type: bootstrap.kubernetes.io/token
stringData: {{token-id: {}, token-secret: 0123456789abcdef, usage-bootstrap-authentication: "true", expiration: "{}"}}
)",
                                                       id, id, expiration));
    }

    static std::string program(const std::string& name) { return support::binaryFolder() + "/bin/" + name; }

    support::Outcome kubectl(std::vector<std::string> arguments, const std::string& input = {}) const
    {
        arguments.insert(arguments.begin(), {"kubectl", "--kubeconfig", m_server.kubeconfig()});
        return support::run(arguments, {.input = input, .environment = {{"HOME", m_folder.path()}}});
    }

    /// An agent that has the cluster's authority and that token.
    std::unique_ptr<support::Process> startAgent(const std::string& node, const std::string& token)
    {
        const auto line = support::readFile(m_server.tokenFile());
        const auto file = m_folder.path() / (node + ".token");
        support::writeFile(file, line.substr(0, line.find('.') + 1) + token + "\n");
        return std::make_unique<support::Process>(
            std::vector<std::string>{program("keelson-agent"), "--server", m_server.agentAddress(), "--token-file",
                                     file, "--node", node, "--data-dir", m_folder.path() / node, "--runtime",
                                     "simulated", "--network", "none"},
            m_folder.path() / (node + ".log"));
    }

    support::TemporaryFolder m_folder;
    support::ControlPlaneProcess m_server{program("keelsond"), m_folder.path() / "server"};
};

/// What a kubelet does: the token asks for the first certificate, and that for the next.
constexpr std::string_view kubeletScript = R"script(set -e
cd "$HOME"
request() { # NAME COMMON-NAME: a request for a client certificate; kubectl's options are in $who
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $1.key -out $1.csr \
        -subj "/O=system:nodes/CN=$2" 2>/dev/null
    $who create -f - <<END
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: $1}
spec: {request: $(base64 -w0 $1.csr), signerName: kubernetes.io/kube-apiserver-client-kubelet,
       usages: [digital signature, client auth]}
END
}
certificate() { # NAME: waits for it
    for try in $(seq 100); do
        $who get csr $1 -o jsonpath='{.status.certificate}' | base64 -d > $1.crt
        test -s $1.crt && return
        sleep 0.1
    done
    $who get csr $1 -o yaml; return 1
}
server=$(kubectl config view -o jsonpath='{.clusters[0].cluster.server}')
options="--kubeconfig=/dev/null --insecure-skip-tls-verify --server=$server"
who="kubectl $options --token=abcdef.0123456789abcdef"
request first system:node:n9; certificate first
who="kubectl $options --client-certificate=first.crt --client-key=first.key"
# For what cannot be patched kubectl would look through the custom kinds, which a node may not see.
$who create --validate=false -o yaml -f - <<END
apiVersion: authentication.k8s.io/v1
kind: SelfSubjectReview
END
request next system:node:n9; certificate next
openssl x509 -in next.crt -noout -subject
request other system:node:n8 || true
)script";

TEST_F(Bootstrap, aTokenGetsTheCertificateOfANode)
{
    const auto script = m_folder.path() / "kubelet.sh";
    support::writeFile(script, kubeletScript);
    const auto done =
        support::run({"/bin/sh", script},
                     {.input = {}, .environment = {{"HOME", m_folder.path()}, {"KUBECONFIG", m_server.kubeconfig()}}});
    EXPECT_THAT(done.output, HasSubstr("username: system:node:n9")) << done.error;
    EXPECT_THAT(done.output, HasSubstr("- system:nodes\n    - system:authenticated"));
    EXPECT_THAT(done.output, HasSubstr("subject=O = system:nodes, CN = system:node:n9"));
    EXPECT_THAT(done.error, HasSubstr("can only create a node CSR with CN=system:node:n9"));
}

TEST_F(Bootstrap, aNodeJoins)
{
    const auto agent = startAgent("n1", "abcdef.0123456789abcdef");
    EXPECT_TRUE(eventually(seconds{30}, [&] {
        return kubectl({"get", "node", "n1", "-o", "jsonpath={.status.conditions[?(@.type==\"Ready\")].status}"})
                   .output == "True";
    })) << agent->log();
    const auto late = startAgent("n2", "expird.0123456789abcdef");
    EXPECT_TRUE(eventually(seconds{20}, [&] {
        return late->log().contains("the join token is wrong or no longer valid");
    })) << late->log();
}

} // namespace
} // namespace keelson::e2e
