// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "localcluster/local_cluster.h"

#include <QWidget>

#include <memory>

class QLineEdit;
class QPushButton;
class QSpinBox;
class QThread;

namespace keelson::ui {

class Banner;
class StepList;

/// Creates a cluster on this machine, step by step. What takes time happens on a thread of its own and can be called
/// off.
class LocalClusterPage : public QWidget {
    Q_OBJECT
public:
    LocalClusterPage(localcluster::LocalClusterOptions options, const Clock& clock, QWidget* parent = nullptr);
    ~LocalClusterPage() override;

    void start();

signals:
    void created(const QString& kubeconfig, const QString& context);
    void backRequested();

private:
    QWidget* buildForm();
    void showStep(const localcluster::StepReport& report);
    void finish(const Result<localcluster::LocalCluster::UpResult>& result);
    void planSteps();

    const Clock& m_clock;
    const localcluster::LocalClusterOptions m_options;
    std::unique_ptr<localcluster::LocalCluster> m_cluster;
    std::unique_ptr<QThread> m_thread;
    QLineEdit* m_name;
    QSpinBox* m_nodes;
    QPushButton* m_start;
    QPushButton* m_cancel;
    StepList* m_steps;
    Banner* m_banner;
};

} // namespace keelson::ui
