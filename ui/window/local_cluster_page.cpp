// SPDX-License-Identifier: GPL-3.0-or-later
#include "window/local_cluster_page.h"

#include "widgets/banner.h"
#include "widgets/meter.h"
#include "widgets/page_title.h"
#include "widgets/step_list.h"

#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpressionValidator>
#include <QScrollArea>
#include <QSpinBox>
#include <QThread>
#include <QVBoxLayout>

#include <algorithm>

namespace keelson::ui {

LocalClusterPage::LocalClusterPage(localcluster::LocalClusterOptions options, const Clock& clock, QWidget* parent)
    : QWidget(parent),
      m_clock(clock),
      m_options(std::move(options)),
      m_name(new QLineEdit(QStringLiteral("dev"), this)),
      m_nodes(new QSpinBox(this)),
      m_start(new QPushButton(tr("Create"), this)),
      m_cancel(new QPushButton(tr("Back"), this)),
      m_steps(new StepList(this)),
      m_banner(new Banner(this))
{
    auto* card = new Card(this);
    auto* column = new QVBoxLayout(card);
    column->setContentsMargins(28, 24, 28, 24);
    column->setSpacing(14);
    auto* title = new PageTitle(tr("Create a local cluster"), card);
    column->addWidget(title);
    column->addWidget(buildForm());
    column->addWidget(m_banner);
    column->addWidget(m_steps);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_cancel);
    buttons->addStretch();
    buttons->addWidget(m_start);
    column->addLayout(buttons);
    card->setMinimumWidth(560);
    card->setMaximumWidth(680);
    m_start->setDefault(true);
    m_banner->setRetryVisible(true);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(24, 32, 24, 32);
    row->addStretch();
    row->addWidget(card, 0, Qt::AlignVCenter);
    row->addStretch();
    planSteps();
    connect(m_start, &QPushButton::clicked, this, &LocalClusterPage::start);
    connect(m_name, &QLineEdit::returnPressed, this, &LocalClusterPage::start);
    connect(m_banner, &Banner::retry, this, &LocalClusterPage::start);
    connect(m_cancel, &QPushButton::clicked, this, [this] {
        if (m_thread && m_thread->isRunning())
            m_cluster->callOff();
        else
            emit backRequested();
    });
}

LocalClusterPage::~LocalClusterPage()
{
    if (m_thread) {
        m_cluster->callOff();
        m_thread->wait();
    }
}

QWidget* LocalClusterPage::buildForm()
{
    auto* box = new QWidget(this);
    auto* form = new QFormLayout(box);
    form->setContentsMargins(0, 0, 0, 0);
    form->setHorizontalSpacing(18);
    m_name->setMaxLength(30);
    m_name->setValidator(
        new QRegularExpressionValidator(QRegularExpression(QStringLiteral("[a-z0-9]([a-z0-9-]*[a-z0-9])?")), m_name));
    m_nodes->setRange(1, 50);
    m_nodes->setValue(2);
    form->addRow(tr("Name"), m_name);
    form->addRow(tr("Nodes"), m_nodes);
    return box;
}

void LocalClusterPage::planSteps()
{
    m_steps->clear();
    for (const auto& step : localcluster::stepNames())
        m_steps->set({QLatin1String(step.id), QLatin1String(step.title), StatusRole::Ending, {}, {}});
}

void LocalClusterPage::start()
{
    if (m_thread && m_thread->isRunning())
        return;
    planSteps();
    m_banner->hide();
    m_start->setEnabled(false);
    m_cancel->setText(tr("Cancel"));
    m_cluster = std::make_unique<localcluster::LocalCluster>(m_options, m_clock);
    localcluster::ClusterSpec spec;
    spec.name = m_name->text();
    spec.nodes = m_nodes->value();
    m_thread.reset(QThread::create([this, cluster = m_cluster.get(), spec]() mutable {
        // The page waits for this thread in its destructor, and what is posted to it is dropped with it.
        if (const auto known = cluster->status(spec.name)) // Here clusters are made and grow; nothing is taken away.
            spec.nodes = std::max(known->nodes, *spec.nodes);
        auto result = cluster->up(spec, [this](const localcluster::StepReport& report) {
            QMetaObject::invokeMethod(this, [this, report] { showStep(report); });
        });
        QMetaObject::invokeMethod(this, [this, result] { finish(result); });
    }));
    m_thread->start();
}

void LocalClusterPage::showStep(const localcluster::StepReport& report)
{
    using State = localcluster::StepReport::State;
    const auto role = report.state == State::Running   ? StatusRole::Progress
                      : report.state == State::Failed  ? StatusRole::Error
                      : report.state == State::Skipped ? StatusRole::Done
                                                       : StatusRole::Ok;
    auto advice = report.advice;
    if (report.state == State::Failed && !report.log.isEmpty())
        advice += (advice.isEmpty() ? QString() : QStringLiteral("\n")) + tr("Log: %1").arg(report.log);
    m_steps->set({report.step, report.title, role, report.detail, advice});
}

void LocalClusterPage::finish(const Result<localcluster::LocalCluster::UpResult>& result)
{
    m_start->setEnabled(true);
    m_cancel->setText(tr("Back"));
    if (result)
        emit created(result->kubeconfig, result->context);
    else
        m_banner->showError(tr("The cluster did not start"), result.error());
}

} // namespace keelson::ui
