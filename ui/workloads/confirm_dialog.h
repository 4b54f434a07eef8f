// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;

namespace keelson::ui {

/// Asks before something is destroyed: what, how many, and what follows. Cancel has the focus.
class ConfirmDialog : public QDialog {
    Q_OBJECT
public:
    ConfirmDialog(const QString& question, const QString& verb, QWidget* parent);

    void setExplanation(const QString& text);
    /// Shows what is meant when it is more than one.
    void setNames(const QStringList& names);
    /// It is only done when this word has been typed.
    void setTypedWord(const QString& word);

private:
    QLabel* m_explanation;
    QPlainTextEdit* m_names;
    QLabel* m_typeHint;
    QLineEdit* m_typed;
    QPushButton* m_accept;
    QPushButton* m_cancel;
};

} // namespace keelson::ui
