// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/health_probe.h"

#include "kube/api_client.h"

namespace keelson::ui {

HealthProbe::HealthProbe(kube::ApiClient& client, QObject* parent) : QObject(parent), m_client(client)
{
    m_clock.start();
    m_next.setSingleShot(true);
    connect(&m_next, &QTimer::timeout, this, &HealthProbe::ask);
}

void HealthProbe::ask()
{
    if (m_reachability.isAsking())
        return;
    m_next.stop();
    m_reachability.asked(m_clock.elapsed());
    kube::Request request;
    request.path = QStringLiteral("/readyz");
    request.deadlineMs = deadlineMs;
    m_client.send(request, this, [this](const Result<kube::Response>& answer) {
        if (answer)
            m_reachability.answered(m_clock.elapsed());
        else
            m_reachability.failed(m_clock.elapsed(), answer.error());
        m_next.start(m_reachability.problem() ? retryMs : intervalMs);
    });
}

} // namespace keelson::ui
