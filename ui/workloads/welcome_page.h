// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/error.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace keelson::ui {

class Banner;

/// Where a window without a cluster begins: open a kubeconfig, create a local cluster, or write manifests without one.
class WelcomePage : public QWidget {
    Q_OBJECT
public:
    explicit WelcomePage(QWidget* parent = nullptr);

    void setKubeconfig(const QString& path, const QStringList& contexts);
    void showConnecting(const QString& context, const QString& server);
    void showProblem(const QString& what, const Error& error);

signals:
    void contextChosen(const QString& kubeconfig, const QString& context);
    void localClusterRequested();
    void manifestsRequested();
    /// The lesson, on the chosen cluster; without one the context is empty.
    void learnRequested(const QString& kubeconfig, const QString& context);

private:
    QWidget* openCard();
    QWidget* localCard();
    void choosePath();
    void readContexts(const QString& path);

    QLineEdit* m_path;
    QComboBox* m_contexts;
    QPushButton* m_open;
    Banner* m_banner;
};

} // namespace keelson::ui
